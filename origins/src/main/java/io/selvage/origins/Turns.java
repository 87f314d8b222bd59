package io.selvage.origins;

import java.util.List;

/**
 * The order in which members take turns by their weights, spread as evenly as can be ("smooth weighted round robin").
 * Immutable.
 */
record Turns(List<Member> members, int[] order) {
    private static final int MOST = 10_000;

    static Turns of(List<Member> members) {
        int divisor = 0;
        for (Member member : members) {
            divisor = gcd(divisor, member.weight());
        }
        long total = 0;
        for (Member member : members) {
            total += member.weight() / divisor;
        }
        int[] order = new int[(int) Math.min(MOST, total)];
        long[] credit = new long[members.size()];
        for (int turn = 0; turn < order.length; turn++) {
            int best = 0;
            for (int i = 0; i < credit.length; i++) {
                credit[i] += members.get(i).weight() / divisor;
                if (credit[i] > credit[best]) {
                    best = i;
                }
            }
            credit[best] -= total;
            order[turn] = best;
        }
        return new Turns(List.copyOf(members), order);
    }

    Member at(int turn) {
        return members.get(order[Integer.remainderUnsigned(turn, order.length)]);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
