package io.selvage.origins;

import io.selvage.node.OriginBalance;
import io.selvage.node.OriginEjection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The addresses of an origin, and which of them gets a request. Those that are unwell or were failing are passed over, unless
 * all are: then trying is better than not. Those that are drained get nothing. Thread-safe.
 */
public final class Pool {
    private final OriginBalance.Method method;
    private final Optional<OriginEjection> ejection;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<Member> members = List.of();
    private volatile Turns all = new Turns(List.of(), new int[0]);
    private volatile Turns some = new Turns(List.of(), new int[0]);
    private volatile boolean anyOut;

    /** An empty one. */
    public Pool(OriginBalance.Method method, Optional<OriginEjection> ejection) {
        this.method = method;
        this.ejection = ejection;
    }

    /** Its members, in the order of their addresses. */
    public List<Member> members() {
        return members;
    }

    /**
     * Replaces the members. One at the same address as one before takes over its state, or is kept if its weight is the same.
     */
    public synchronized void set(List<Member> wanted) {
        List<Member> next = new ArrayList<>();
        for (Member member : wanted) {
            Optional<Member> before = members.stream()
                    .filter(m -> m.url().equals(member.url()) && m.address().equals(member.address()))
                    .findFirst();
            if (before.isPresent() && before.get().weight() == member.weight()) {
                next.add(before.get());
            } else {
                before.ifPresent(member::inherit);
                next.add(member);
            }
        }
        all = Turns.of(next);
        members = List.copyOf(next);
        changed();
    }

    /** Somebody has changed a member's state. */
    public void changed() {
        boolean out = false;
        for (Member member : members) {
            out |= !member.isAvailable();
        }
        anyOut = out;
    }

    /**
     * The member that gets a request.
     *
     * @param key the hash of what decides, if the method is by hash
     * @param tried those that it was given to before; they are avoided while there are others
     * @return nothing if all are drained
     */
    public Optional<Member> choose(long key, Collection<Member> tried) {
        Turns turns = all;
        if (anyOut || !tried.isEmpty()) {
            turns = turns(candidates(turns.members(), tried));
        }
        if (turns.members().isEmpty()) {
            return Optional.empty();
        }
        if (turns.members().size() == 1) {
            return Optional.of(turns.members().getFirst());
        }
        return Optional.of(
                switch (method) {
                    case ROUND_ROBIN -> turns.at(turn.getAndIncrement());
                    case LEAST_REQUESTS -> leastRequests(turns.members());
                    case HASH -> byHash(turns.members(), key);
                });
    }

    /** The member with this {@linkplain Member#tag() tag}, if it may get requests. */
    public Optional<Member> tagged(String tag) {
        return members.stream()
                .filter(member -> member.isAvailable() && member.tag().equals(tag))
                .findFirst();
    }

    private static List<Member> candidates(List<Member> members, Collection<Member> tried) {
        List<Member> best = new ArrayList<>();
        List<Member> well = new ArrayList<>();
        List<Member> untried = new ArrayList<>();
        List<Member> left = new ArrayList<>();
        for (Member member : members) {
            if (!member.isDraining()) {
                boolean isNew = !tried.contains(member);
                left.add(member);
                if (isNew) {
                    untried.add(member);
                }
                if (member.isAvailable()) {
                    well.add(member);
                    if (isNew) {
                        best.add(member);
                    }
                }
            }
        }
        return !best.isEmpty() ? best : !well.isEmpty() ? well : !untried.isEmpty() ? untried : left;
    }

    private Turns turns(List<Member> candidates) {
        Turns known = some;
        if (!known.members().equals(candidates)) {
            known = Turns.of(candidates);
            some = known;
        }
        return known;
    }

    /** The one with the least for its weight; of equals, the one after the last. */
    private Member leastRequests(List<Member> candidates) {
        int start = Integer.remainderUnsigned(turn.getAndIncrement(), candidates.size());
        Member best = candidates.get(start);
        double least = load(best);
        for (int i = 1; i < candidates.size() && least > 0; i++) {
            Member member = candidates.get((start + i) % candidates.size());
            double load = load(member);
            if (load < least) {
                best = member;
                least = load;
            }
        }
        return best;
    }

    private static double load(Member member) {
        return member.active() / (double) member.weight();
    }

    /** Weighted rendezvous hashing: when a member goes, only its keys move, and they spread over the others. */
    private static Member byHash(List<Member> candidates, long key) {
        Member best = candidates.getFirst();
        double most = Double.NEGATIVE_INFINITY;
        for (Member member : candidates) {
            double random = ((Hash.mix(key ^ member.hash()) >>> 11) + 1) * 0x1.0p-53;
            double score = -member.weight() / Math.log(random);
            if (score > most) {
                best = member;
                most = score;
            }
        }
        return best;
    }

    /**
     * A request to a member has failed.
     *
     * @return whether the member is passed over from now on
     */
    public boolean failed(Member member, long now) {
        if (ejection.isEmpty() || !member.failed(ejection.get())) {
            return false;
        }
        synchronized (this) {
            long out = members.stream().filter(Member::isEjected).count();
            long most = Math.max(1, (long) members.size() * ejection.get().share() / 100);
            if (out >= Math.min(most, members.size() - 1) || !members.contains(member) || member.isEjected()) {
                return false;
            }
            member.eject(ejection.get(), now);
            changed();
            return true;
        }
    }

    /** Lets those be tried again whose time is over. */
    public synchronized List<Member> readmit(long now) {
        List<Member> back = members.stream().filter(m -> m.readmit(now)).toList();
        if (!back.isEmpty()) {
            changed();
        }
        return back;
    }
}
