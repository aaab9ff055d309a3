// The C library as it is. Only RedstreamConnection imports it.

#ifndef REDSTREAM_CHIREDIS_H
#define REDSTREAM_CHIREDIS_H

// pkg-config names the folder of the headers itself, which with Homebrew is the only one that is searched.
#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#else
#include <hiredis.h>
#endif

#endif
