// The C library as it is. Only RedstreamConnection imports it.

#ifndef REDSTREAM_CHIREDIS_H
#define REDSTREAM_CHIREDIS_H

#include <hiredis/hiredis.h>

#endif
