/* Two trimmers of one stream, two consumers that they protect by name, and an operator who seeks one of them back
 * (Sources/Redstream/Trimming).
 *
 *   bounds   Trimmer.bounds: GET of each offset, one after the other; one that is absent has read nothing
 *   step     TrimStep: one script; fenced; looks at the offsets again; removes the lowest entries below the bound and
 *            writes the trim mark
 *   begin    OffsetScripts.initialize: the offset, and with FOUND the set of the stream's consumers in the same step
 *   commit   as consume.pml proves it: a consumer's offset rises, and only seek moves it back
 *
 * Ids are numbers here; TEXT says where each stands among the others as text: 0-0, 1000-9, 1000-10, 1000-11.
 *
 * Checked: no trim removes what a protected consumer has not committed; nobody trims but the holder; all that is gone
 * lies at or below the mark, and all that is at or below it is gone.
 *
 * FOUND: the trimmer protects those that have begun (trim --committed), as the set of consumers tells. It reads the set
 * before the offsets, and the step looks whether there is another one by now (-2: the bounds are looked for again).
 *
 * Defines of broken variants: STALE_SET, a step that does not look at the set again; REGISTERS_AFTERWARDS, a consumer that
 * is in the set after it has an offset; STALE_BOUND, a step that does not look at the offsets again; UNFENCED_TRIM;
 * TEXT_COMPARISON and SKIP_NEW_CONSUMERS, the gem's; MARK_AFTERWARDS, a mark that is written in a step of its own.
 */

#define LAST 3
#define CONSUMERS 2
#define TRIMMERS 2
#define ABSENT 15

#include "lock.pml"

byte offset[CONSUMERS] = ABSENT;
#define READ(c) (offset[c] == ABSENT -> 0 : offset[c])
/* Bit 0 is entry 1. */
byte present = (1 << LAST) - 1;
byte mark = 0;
#define THROUGH(id) ((1 << (id)) - 1)
#define LOWEST(set) ((set) & -(set))

#ifdef TEXT_COMPARISON
byte text[LAST + 1];
#define BEFORE(left, right) (text[left] < text[right])
#else
#define BEFORE(left, right) ((left) < (right))
#endif

#ifdef FOUND
/* The set: bit c is consumer c. */
byte members = 0;
#define BEGUN(c) (offset[c] != ABSENT)
#define SEEN(c) ((seen >> (c)) & 1)
#else
#define BEGUN(c) true
#define SEEN(c) true
#endif

inline remove(entries, sender) {
    /* At most one can trim. */
    assert(holder == sender);
    /* What goes has been committed by both, or by those that have begun. */
    assert(!BEGUN(0) || (entries & ~THROUGH(READ(0))) == 0);
    assert(!BEGUN(1) || (entries & ~THROUGH(READ(1))) == 0);
    present = present & ~entries
}

proctype Consumer(byte c) {
end:
    do
    :: atomic {
            offset[c] == ABSENT -> offset[c] = 0
#ifdef REGISTERS_AFTERWARDS
        }
        atomic { members = members | (1 << c)
#elif defined(FOUND)
            ; members = members | (1 << c)
#endif
        }
#ifdef FOUND
    :: atomic { BEGUN(c) && READ(c) < LAST -> offset[c] = READ(c) + 1 }
#else
    :: atomic { READ(c) < LAST -> offset[c] = READ(c) + 1 }
#endif
    od
}

/* Once, to anywhere before; under the consumer's lock, which is not modelled here. */
proctype Seek() {
end:
    if
    :: atomic { READ(0) > 0 -> offset[0] = 0 }
    :: atomic { READ(0) > 1 -> offset[0] = 1 }
    fi
}

/* One pass, or as many as there are leases. */
proctype Trimmer(byte me) {
    bool ok;
    byte bound, other, going;
#ifdef FOUND
    byte seen;
#endif

standby:
end:
    atomic { holder == NOBODY || holder == me -> acquire(me, ok) }

bounds:
#ifdef SKIP_NEW_CONSUMERS
    bound = (offset[0] == ABSENT -> LAST : offset[0]);
    other = (offset[1] == ABSENT -> LAST : offset[1]);
#else
#ifdef FOUND
    seen = members;
    if
    :: seen == 0 -> goto passed
    :: else
    fi;
#endif
    bound = (SEEN(0) -> READ(0) : LAST);
    other = (SEEN(1) -> READ(1) : LAST);
#endif
    atomic {
        if
        :: BEFORE(other, bound) -> bound = other
        :: else
        fi;
        other = 0
    }

step:
    atomic {
        if
#ifndef UNFENCED_TRIM
        :: holder != me -> goto lost
#endif
#if defined(FOUND) && !defined(STALE_SET)
        :: holder == me && (members & ~seen) != 0 -> goto bounds
#define IS_KNOWN (members & ~seen) == 0
#else
#define IS_KNOWN true
#endif
#if !defined(STALE_BOUND) && !defined(SKIP_NEW_CONSUMERS)
        :: holder == me && IS_KNOWN &&
            ((SEEN(0) && BEFORE(READ(0), bound)) || (SEEN(1) && BEFORE(READ(1), bound))) -> goto passed
#endif
        :: else ->
            going = present & THROUGH(bound);
            if
            :: going == 0 -> goto passed
            /* XTRIM with a limit: the first ones only, and another step. */
            :: going != 0 -> going = LOWEST(going)
            :: going != 0
            fi;
            remove(going, me)
        fi
#ifdef MARK_AFTERWARDS
    }
    atomic {
#else
        ;
#endif
        do
        :: (going & ~THROUGH(mark)) != 0 -> mark++
        :: else -> break
        od;
        going = 0;
        goto step
    }

passed:
    release(me);
lost:
#ifdef FOUND
    seen = 0;
#endif
    bound = 0;
    goto standby
}

init {
    atomic {
#ifdef TEXT_COMPARISON
        text[0] = 0; text[1] = 3; text[2] = 1; text[3] = 2;
#endif
        run Consumer(0); run Consumer(1); run Seek(); run Trimmer(1); run Trimmer(2); run Reader()
    }
}

/* The mark is true at every moment: without it, a gap cannot be told from a stream that was never written. */
proctype Reader() {
    atomic { true -> assert((present & THROUGH(mark)) == 0 && (present | THROUGH(mark)) == THROUGH(LAST)) }
}
