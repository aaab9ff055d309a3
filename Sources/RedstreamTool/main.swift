import RedstreamCLI

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

exit(await Tool.main())
