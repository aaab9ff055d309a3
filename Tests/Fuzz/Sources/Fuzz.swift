import RedstreamSystem

/// libFuzzer, for the target that `--target=NAME` says; everything else on the command line is libFuzzer's.
@main enum Fuzz {
    static func main() {
        let isList = CommandLine.arguments.contains("--list")
        guard chosen != nil, !isList else {
            let names = targets.map(\.name).joined(separator: "\n")
            print(isList ? names : "usage: RedstreamFuzz --target=NAME …\n\(names)")
            exit(isList ? 0 : 64)
        }
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(runLibFuzzer(&count, &words, tryInput))
    }
}

/// The target that the command line names; nil where it names none.
private let chosen: FuzzTarget? = {
    let option = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
    return targets.first { $0.name == name ?? "" }
}()

// The package manager gives the program a `main` of its own, which calls libFuzzer as libFuzzer's would. That one is
// linked all the same, and wants a function of this name.
@_cdecl("LLVMFuzzerTestOneInput")
func tryInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    chosen?.run(FuzzInput(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runLibFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ tryInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
