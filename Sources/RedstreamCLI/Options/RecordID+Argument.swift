import ArgumentParser

/// Lets `--ids-as` take a kind by its name, and lists the kinds in the help.
extension RecordID.Kind: ExpressibleByArgument {}
