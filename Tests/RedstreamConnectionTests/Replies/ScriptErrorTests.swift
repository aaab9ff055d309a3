import Testing

@testable import RedstreamConnection

/// Redis 6.2 wraps an error that a script meets; what to do about it depends on the error inside.
@Suite struct ScriptErrorTests {
    @Test func theErrorInsideOfAScriptIsTheOneThatCounts() {
        let text =
            "ERR Error running script (call to f_0123): @user_script:3: @user_script: 3: -READONLY You can't write "
            + "against a read only replica."
        #expect(RedisReply.errorInScript(text)?.hasPrefix("READONLY You can't write") == true)
    }

    @Test func whatACallAnswersCountsToo() {
        let text = "ERR Error running script (call to f_0e30): @user_script:1: WRONGTYPE Operation against a key"
        #expect(RedisReply.errorInScript(text) == "WRONGTYPE Operation against a key")
        let mistake = "ERR Error running script (call to f_ca42): @user_script:1: @user_script: 1: Wrong number of args"
        #expect(RedisReply.errorInScript(mistake) == nil)
    }

    @Test(arguments: [
        "ERR Error running script (call to f_0123): @user_script:1: @user_script: 1: The user executing the script "
            + "can't run this command or subcommand",
        "ERR The user executing the script can't run this command or subcommand script: c637, on @user_script:1.",
        "ERR ACL failure in script: User u has no permissions to run the 'set' command script: on @user_script:1.",
    ])
    func aDenialInAScriptIsADenial(text: String) {
        let denial = RedisReply.denialInScript(text)
        #expect(denial?.hasPrefix("NOPERM The user ") == true || denial?.hasPrefix("NOPERM ACL failure ") == true)
        #expect(RedisReply.denialInScript("ERR syntax error") == nil)
    }

    @Test(arguments: [
        ("READONLY You can't write. script: 5047, on @user_script:3.", "READONLY You can't write."),
        ("ERR unknown command 'XADD', with args beginning with: 's' '*' 'secret'", "ERR unknown command 'XADD'"),
        ("ERR syntax error", "ERR syntax error"),
    ])
    func neitherOurCodeNorArgumentsAreTold(text: String, reason: String) {
        #expect(RedisReply.withoutTrail(text) == reason)
    }

    @Test func anErrorThatNoScriptHasMetIsLeftAsItIs() {
        #expect(RedisReply.errorInScript("WRONGTYPE Operation against a key: -READONLY") == nil)
        #expect(RedisReply.errorInScript("ERR Error running script (call to f_0): syntax") == nil)
    }
}
