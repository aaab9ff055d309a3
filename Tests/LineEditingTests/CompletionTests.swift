import LineEditing
import Testing

struct CompletionTests {
    @Test(arguments: [([], ""), (["a"], "a"), (["produce", "products"], "produc"), (["a", "b"], "")])
    func knowsWhatCandidatesHaveInCommon(candidates: [String], prefix: String) {
        #expect(Completion(candidates: candidates).commonPrefix == prefix)
    }
}
