/* A lock as the server keeps it (Sources/Redstream/Locks): one key whose value is its holder, which expires.
 *
 * A pause needs no modelling: a process that does not move while `Clock` ticks is one that is stopped. A process
 * that is killed leaves the key behind. Each `atomic` is one script, or one transaction, on the server.
 *
 *   acquire   LockScripts.acquire: GET; SET … PX where it is free or ours
 *   renew     LockScripts.renew: PEXPIRE where GET is our value; run by LeaseRenewer's thread
 *   release   LockScripts.release: DEL where GET is our value (the standby's BRPOP, which it ends, is no more than a
 *             hint: LockAcquirer.attend tries again in any case)
 *
 * Defines of broken variants: BLIND_RENEWAL, the gem's PEXPIRE without a look at the holder.
 */

#define NOBODY 0
/* The lease in ticks. With two of them a renewal can be in time or late; one is enough where only its end counts. */
#ifndef LEASE
#define LEASE 1
#endif

byte holder = NOBODY;
byte ttl = 0;
/* Ghost: ticks since the holder itself took or prolonged its lease. */
byte neglected = 0;

#ifndef TOUCH
/* What else a change of the key does: WATCH notices it. */
#define TOUCH
#endif

inline set_lock(me) { holder = me; ttl = LEASE; neglected = 0; TOUCH }
inline drop_lock() { holder = NOBODY; ttl = 0; neglected = 0; TOUCH }

/* `got` tells whether the lock is ours now. */
inline acquire(me, got) {
    atomic {
        if
        :: holder == NOBODY || holder == me -> set_lock(me); got = true
        :: else -> got = false
        fi
    }
}

inline release(me) {
    atomic {
        if
        :: holder == me -> drop_lock()
        :: else -> skip
        fi
    }
}

/* `kept` tells whether the lease is ours still. */
inline renew(me, kept) {
    atomic {
        if
        :: holder == me -> ttl = LEASE; neglected = 0; kept = true; TOUCH
#ifdef BLIND_RENEWAL
        :: holder != me && holder != NOBODY -> ttl = LEASE; kept = true; TOUCH
        :: holder == NOBODY -> kept = false
#else
        :: else -> kept = false
#endif
        fi
    }
}

#ifndef MAY_TICK
#define MAY_TICK true
#endif

active proctype Clock() {
end:
    do
    :: atomic {
            holder != NOBODY && MAY_TICK ->
            ttl--;
            neglected++;
            /* A lease outlives its holder's last sign by its own length at most: a standby takes over in time. */
            assert(neglected <= LEASE);
            if
            :: ttl == 0 -> drop_lock()
            :: else -> skip
            fi
        }
    od
}
