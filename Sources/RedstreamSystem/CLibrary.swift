// The C library of the system. Every other module has it by importing this one, which is the only one that asks
// where it is compiled.
#if canImport(Glibc)
@_exported public import Glibc
#elseif canImport(Musl)
@_exported public import Musl
#else
@_exported public import Darwin
#endif
