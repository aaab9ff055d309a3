/* Two instances of one consumer, a producer's stream of entries 1…LAST, and an operator who seeks back.
 *
 *   initialize   OffsetScripts.initialize: fenced; writes 0-0 where there is no offset, answers the offset
 *   read         XREAD after the position; BatchReader reads on while the commit is under way
 *   commit       OffsetScripts.commit: fenced, never backwards; 1 done, 0 not our lock, 2 the offset is beyond.
 *                FailureScripts.commit and .deadLetter begin alike and do more in the same step
 *   give back    LeaseManager.acquire: what is held under an ended lease of our own is released first
 *   seek         StreamClient.seek: the lock, then OffsetScripts.move: fenced, only from the offset it was planned from
 *
 * A commit is a message: it may arrive late, also after its sender has given up the connection, lost the lock and
 * taken it again. What ConsumerSession does then: it commits again under the same lease (`uncommitted`), or stands by with a
 * holder of its own.
 *
 * Checked: offsets go backwards by seek alone; nobody changes the offset but the holder; nothing is committed that no
 * handler has handled since the last seek; a lease ends in time. With PUNCTUAL (nobody is paused), also that the
 * stream is read to its end if one of the two survives.
 *
 * OUTAGE lets a lease end before the server thinks so.
 * Defines of broken variants: BLIND_RENEWAL; PLAIN_SET, the gem's commit; UNFENCED_COMMIT; BACKWARD_COMMIT, fenced
 * but without the comparison; CHECKED_BEFORE, a fence that is a step of its own; SAME_HOLDER, one value for all tenures
 * of a process; WAITS_FOR_NOTICE, a standby that only a release wakes.
 */

#ifndef LAST
#define LAST 2
#endif
#define INSTANCES 2
#define ABSENT 15

#ifdef PUNCTUAL
/* Who lives and believes to hold the lock renews it in time. */
#define MAY_TICK !(OWNER(holder) < INSTANCES && alive[OWNER(holder)] && believes[OWNER(holder)])
#endif
/* A holder's value is its process and its tenure. The operator's is the last of all. */
#define VALUE(i, tenure) (1 + (i) + (tenure) * INSTANCES)
#define OPERATOR 9
#define OWNER(value) ((value) == NOBODY || (value) == OPERATOR -> INSTANCES : ((value) - 1) % INSTANCES)
/* The bounds: how often each process may hold the lock, and how many connections break in all. */
#ifndef TENURES
#define TENURES(i) (2 - (i))
#endif
#ifndef BREAKS
#define BREAKS 1
#endif

bool alive[INSTANCES] = true;
/* What Lease.hasEnded denies. */
bool believes[INSTANCES] = false;
byte value[INSTANCES];

#include "lock.pml"

byte offset = ABSENT;
/* Ghost: entries that a handler has handled since the last seek before them; bit 0 is entry 1. */
byte handled = 0;

#define BITS(from, to) (((1 << (to)) - 1) & ~((1 << (from)) - 1))
#define OFFSET (offset == ABSENT -> 0 : offset)

typedef Commit { byte id; byte by }
/* The commit under way, and one whose connection was given up. */
Commit sent[INSTANCES];
Commit stray[INSTANCES];
#define NONE 15
byte breaks = 0;
byte reply[INSTANCES] = NONE;

inline set_offset(entry, sender) {
    /* At most one can commit. */
    assert(holder == sender);
    /* Offsets never go backwards. */
    assert(entry >= OFFSET);
    /* At least once. */
    assert((BITS(OFFSET, entry) & ~handled) == 0);
    offset = entry
}

inline commit(message, answer) {
#if defined(PLAIN_SET)
    set_offset(message.id, message.by);
    answer = 1
#else
    if
#ifndef UNFENCED_COMMIT
    :: holder != message.by -> answer = 0
    :: holder == message.by && message.id < OFFSET ->
#else
    :: message.id < OFFSET ->
#endif
#ifdef BACKWARD_COMMIT
        set_offset(message.id, message.by); answer = 1
#else
        answer = 2
#endif
    :: else -> set_offset(message.id, message.by); answer = 1
    fi
#endif
}

proctype Network(byte i) {
    byte ignored;
    /* A message that never arrives is one that is still to come. */
end:
    do
    :: atomic { sent[i].id != 0 -> commit(sent[i], reply[i]); sent[i].id = 0; sent[i].by = 0 }
    :: atomic { stray[i].id != 0 -> commit(stray[i], ignored); stray[i].id = 0; stray[i].by = 0; ignored = 0 }
    od
}

#if LEASE > 1
proctype Keeper(byte i) {
    bool kept;
end:
    do
    :: atomic {
            alive[i] && believes[i] ->
            renew(value[i], kept);
            if
            :: !kept -> believes[i] = false
            :: else -> skip
            fi
        }
    od
}

#endif

/* Without a Keeper, the loss of the lease may be noticed at any time, or never. */
#if LEASE > 1
#define LOST (!believes[i])
#else
#define LOST (holder != value[i] || !believes[i])
#endif

/* A standby waits for a notice, but no longer than the lease has to live. */
bool notice = true;
#ifdef WAITS_FOR_NOTICE
#define WOKEN notice
#else
#define WOKEN true
#endif

proctype Instance(byte i) {
    byte position, last, uncommitted, tenure;
    bool got;

standby:
end:
    atomic {
        if
        /* The server has not heard of the end of our tenure before this one, and is told. */
        :: alive[i] && tenure > 0 && holder == VALUE(i, tenure - 1) && holder != value[i] ->
            release(VALUE(i, tenure - 1));
            notice = true;
            goto standby
        :: alive[i] && (holder == NOBODY || holder == value[i]) && WOKEN ->
            notice = false;
            acquire(value[i], got);
            believes[i] = true;
            uncommitted = 0
        fi
    }

session:
    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] && LOST -> goto lost
        :: alive[i] && holder != value[i] -> believes[i] = false; goto lost
        :: alive[i] && holder == value[i] ->
            if
            :: offset == ABSENT -> offset = 0
            :: else -> skip
            fi;
            if
            /* The commit whose answer was lost is made again first. */
            :: uncommitted > offset -> last = uncommitted; goto committing
            :: else -> position = offset
            fi
        fi
    }

reading:
    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] && LOST -> goto lost
        :: alive[i] && position < LAST -> last = position + 1
        :: alive[i] && position + 1 < LAST -> last = position + 2
        :: alive[i] && position >= LAST -> goto idle
        fi
    }

    /* The handler ends at any time later, or is cancelled when the lease is known to be lost. */
    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] -> handled = handled | BITS(position, last)
        fi
    }

committing:
    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] && LOST -> goto lost
        :: alive[i]
        fi
#ifdef CHECKED_BEFORE
        ; if
        :: holder != value[i] -> believes[i] = false; goto lost
        :: else
        fi
    }
    atomic {
        set_offset(last, value[i]);
        reply[i] = 1
#else
        ;
        sent[i].id = last;
        sent[i].by = value[i];
        uncommitted = last
#endif
    }

    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] && reply[i] == 1 -> reply[i] = NONE; uncommitted = 0; position = last; goto reading
        :: alive[i] && reply[i] == 2 -> reply[i] = NONE; uncommitted = 0; goto session
        :: alive[i] && reply[i] == 0 -> reply[i] = NONE; believes[i] = false; goto lost
        /* The task is cancelled; the commit may still arrive. */
        :: alive[i] && LOST -> goto lost
        /* The connection breaks: the commit may still arrive, and whether it did is not known. */
        :: alive[i] && breaks < BREAKS && sent[i].id != 0 ->
            breaks++;
            stray[i].id = sent[i].id; stray[i].by = sent[i].by; sent[i].id = 0; sent[i].by = 0;
            goto session
        :: alive[i] && breaks < BREAKS && reply[i] != NONE -> breaks++; reply[i] = NONE; goto session
        fi
    }

idle:
    atomic {
        if
        :: !alive[i] -> goto dead
        :: alive[i] && LOST -> goto lost
        :: alive[i] && position > OFFSET -> goto session
#ifndef PUNCTUAL
        /* A graceful stop. */
        :: alive[i] -> believes[i] = false; release(value[i]); notice = true; goto dead
#endif
        fi
    }

lost:
    atomic {
        uncommitted = 0;
        reply[i] = NONE;
        position = 0;
        last = 0;
        /* What is under way is on a connection that nobody reads any more. */
        if
        :: sent[i].id != 0 && stray[i].id == 0 ->
            stray[i].id = sent[i].id; stray[i].by = sent[i].by
        /* One late commit is followed at a time. */
        :: else
        fi;
        sent[i].id = 0;
        sent[i].by = 0;
        tenure++;
        if
        :: tenure >= TENURES(i) -> goto dead
        :: else
        fi;
#ifndef SAME_HOLDER
        value[i] = VALUE(i, tenure);
#endif
        goto standby
    }

dead:
    atomic { alive[i] = false; believes[i] = false }
}

/* kill -9 of one of them, at any point, or never. For the other checks it is the same as a pause without an end. */
proctype Killer() {
end:
    if
    :: atomic { alive[0] -> alive[0] = false }
    :: atomic { alive[1] -> alive[1] = false }
    :: true
    fi
}

/* With OUTAGE, a lease ends by its holder's own clock, once, although the server still has it: it did not answer in time. */
proctype Outage() {
end:
    if
    :: atomic { alive[0] && believes[0] -> believes[0] = false }
    :: atomic { alive[1] && believes[1] -> believes[1] = false }
    fi
}

/* Moves the offset back, once, while nobody runs. */
proctype Seek() {
    byte prior, target;
    bool got;
end:
    atomic { holder == NOBODY && OFFSET > 0 && OFFSET != ABSENT -> prior = offset }
    do
    :: target + 1 < prior -> target++
    :: break
    od;
    atomic { acquire(OPERATOR, got); if :: !got -> goto done :: else fi }
    atomic {
        if
        :: holder == OPERATOR && offset == prior -> offset = target; handled = handled & BITS(0, target)
        :: else
        fi
    }
    atomic { release(OPERATOR); notice = true };
done:
    skip
}

init {
    atomic {
        value[0] = VALUE(0, 0);
        value[1] = VALUE(1, 0);
        run Instance(0); run Network(0);
        run Instance(1); run Network(1);
#if LEASE > 1
        run Keeper(0); run Keeper(1);
#endif
#ifdef PUNCTUAL
        run Killer()
#else
        run Seek()
#endif
#ifdef OUTAGE
        ; run Outage()
#endif
    }
}

#ifdef PUNCTUAL
/* One of the two survives, so all is committed in the end. */
ltl takeover { <> (offset == LAST) }
#endif
