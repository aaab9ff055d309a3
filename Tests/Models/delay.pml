/* Two delayers of one delay stream of entries 1…LAST, all due (Sources/Redstream/Delaying/DelayMove.swift).
 *
 *   look     one pipeline, in which others may come between the commands: LockScripts.renew, WATCH the lock, GET it,
 *            XRANGE from the delay stream's first entry
 *   move     one transaction: XADD for each entry, DelayMove.finish (XTRIM MINID where the target is sound), EXEC,
 *            which does nothing if the lock was touched since WATCH
 *
 * A transaction is a message too: it may arrive after its sender has given up the connection and looked again on
 * another one. The target may be replaced by a key of another type at any time; EXEC does not roll back then.
 *
 * Checked: no entry leaves the delay stream before it stands in its stream; none is moved twice; nobody moves but the
 * holder. A kill is a pause without an end.
 *
 * Defines of broken variants: UNFENCED_MOVE, without WATCH; GET_BEFORE_WATCH; NO_RENEWAL, a look that does not touch
 * the lock, so that a transaction given up before may still be carried out after it; BLIND_FINISH, a removal that does
 * not look at the target; XDEL_BEFORE_XADD and XADD_BEFORE_XDEL (the gem's), steps of their own.
 */

#ifndef LAST
#define LAST 3
#endif
#define DELAYERS 2
#ifndef BREAKS
#define BREAKS 1
#endif

/* Whether the lock was touched since a connection's WATCH; the second half is of connections given up. */
bool dirty[4];
#define TOUCH dirty[0] = true; dirty[1] = true; dirty[2] = true; dirty[3] = true;
#define ME (i + 1)

#include "lock.pml"

/* Bit 0 is entry 1. */
byte delayed = (1 << LAST) - 1;
byte arrived = 0;
bool sound = true;
byte breaks = 0;
/* A transaction under way on a connection given up: its entries. */
byte stray[DELAYERS];

inline add(entries, sender) {
    if
    :: sound ->
        /* At most one can move, and each entry once. */
        assert(holder == sender);
        assert((arrived & entries) == 0);
        arrived = arrived | entries
    :: else
    fi
}

inline remove(entries, sender) {
    if
#ifndef BLIND_FINISH
    :: !sound
#endif
    :: else ->
        assert(holder == sender);
        /* No entry leaves before it stands in its stream. */
        assert((entries & ~arrived) == 0);
        delayed = delayed & ~entries
    fi
}

#ifdef UNFENCED_MOVE
#define ABORTED(connection) false
#else
#define ABORTED(connection) dirty[connection]
#endif

inline execute(entries, connection, sender) {
    if
    :: ABORTED(connection)
    :: !ABORTED(connection) -> add(entries, sender); remove(entries, sender)
    fi
}

proctype Network(byte i) {
end:
    atomic { stray[i] != 0 -> execute(stray[i], DELAYERS + i, ME) }
}

/* The lowest one or two entries of a set. */
#define LOWEST(set) ((set) & -(set))
#define LOWEST2(set) (LOWEST(set) | LOWEST((set) & ~LOWEST(set)))

proctype Delayer(byte i) {
    bool ok;
    byte portion;

standby:
end:
    atomic { holder == NOBODY || holder == ME -> acquire(ME, ok) }

look:
#ifndef NO_RENEWAL
    renew(ME, ok);
#endif
#ifdef GET_BEFORE_WATCH
    if
    :: holder != ME -> goto standby
    :: else
    fi;
    dirty[i] = false;
#else
    dirty[i] = false;
    if
    :: holder != ME -> goto standby
    :: else
    fi;
#endif
    atomic {
        if
        :: delayed == 0 -> release(ME); goto finished
        :: delayed != 0 -> portion = LOWEST(delayed)
        :: delayed != 0 -> portion = LOWEST2(delayed)
        fi
    }

move:
#if defined(XDEL_BEFORE_XADD)
    atomic { remove(portion, ME) };
    atomic { add(portion, ME) };
    goto look;
#elif defined(XADD_BEFORE_XDEL)
    atomic { holder == ME -> add(portion, ME) };
    atomic { holder == ME -> remove(portion, ME) };
    goto look;
#else
    if
    :: atomic { execute(portion, i, ME) -> goto look }
    :: atomic {
            breaks < BREAKS ->
            breaks++;
            stray[i] = portion;
            dirty[DELAYERS + i] = dirty[i];
            goto look
        }
    fi;
#endif
finished:
    skip
}

proctype Vandal() {
    sound = false
}

init {
    atomic { run Delayer(0); run Network(0); run Delayer(1); run Network(1); run Vandal() }
}
