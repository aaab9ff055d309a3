import Testing

@testable import RedisClient

/// Redis 6.2 wraps an error that a script meets; what to do about it depends on the error inside.
@Suite struct ScriptErrorTests {
    @Test func theErrorInsideOfAScriptIsTheOneThatCounts() {
        let text =
            "ERR Error running script (call to f_0123): @user_script:3: @user_script: 3: -READONLY You can't write "
            + "against a read only replica."
        #expect(RedisReply.errorInScript(text)?.hasPrefix("READONLY You can't write") == true)
    }

    @Test func anErrorThatNoScriptHasMetIsLeftAsItIs() {
        #expect(RedisReply.errorInScript("WRONGTYPE Operation against a key: -READONLY") == nil)
        #expect(RedisReply.errorInScript("ERR Error running script (call to f_0): syntax") == nil)
    }
}
