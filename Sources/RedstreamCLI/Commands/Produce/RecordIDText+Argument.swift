import ArgumentParser
import Redstream

/// Lets `--ids-as` take a kind by its name, and lists the kinds in the help.
extension RecordIDText.Kind: ExpressibleByArgument {}
