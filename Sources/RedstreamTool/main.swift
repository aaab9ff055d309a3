import RedstreamCLI
import RedstreamSystem

exit(await Tool.main())
