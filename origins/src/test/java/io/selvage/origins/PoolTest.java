package io.selvage.origins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.OriginBalance;
import io.selvage.node.OriginEjection;
import io.selvage.node.OriginHealth;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolTest {
    private static final OriginEjection EJECTION = new OriginEjection(3, Duration.ofSeconds(10), 50);

    private static Member member(String host, int weight) {
        return new Member(URI.create("http://" + host), host, weight);
    }

    private static Pool pool(OriginBalance.Method method, Member... members) {
        Pool pool = new Pool(method, Optional.of(EJECTION));
        pool.set(List.of(members));
        return pool;
    }

    private static Map<Member, Integer> counts(Pool pool, int requests) {
        Map<Member, Integer> counts = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            counts.merge(pool.choose(Hash.of("key" + i), List.of()).orElseThrow(), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void turnsFollowTheWeightsAndAreSpread() {
        Member a = member("a", 4);
        Member b = member("b", 2);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, b);
        List<Member> chosen = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            chosen.add(pool.choose(0, List.of()).orElseThrow());
        }
        assertEquals(List.of(a, b, a, a, b, a), chosen);
        assertEquals(Map.of(a, 200, b, 100), counts(pool, 300));
    }

    @Test
    void whoIsOutLeavesItsShareToAllOthers() {
        Member[] members = {member("a", 1), member("b", 1), member("c", 1)};
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, members);
        members[1].drain(true);
        pool.changed();
        assertEquals(Map.of(members[0], 50, members[2], 50), counts(pool, 100));
    }

    @Test
    void fewestRequestsForTheWeightGetTheNext() {
        Member a = member("a", 1);
        Member b = member("b", 3);
        Pool pool = pool(OriginBalance.Method.LEAST_REQUESTS, a, b);
        for (int i = 0; i < 8; i++) {
            pool.choose(0, List.of()).orElseThrow().begin();
        }
        assertEquals(2, a.active());
        assertEquals(6, b.active());
        a.end();
        a.end();
        assertSame(a, pool.choose(0, List.of()).orElseThrow());
    }

    @Test
    void aKeyStaysWhereItIsAndOnlyTheKeysOfOneThatGoesMove() {
        Member[] members = {member("a", 1), member("b", 1), member("c", 2)};
        Pool pool = pool(OriginBalance.Method.HASH, members);
        Map<Member, Integer> counts = counts(pool, 4_000);
        assertEquals(1_000, counts.get(members[0]), 150);
        assertEquals(2_000, counts.get(members[2]), 150);
        Map<Long, Member> before = new HashMap<>();
        for (long key = 0; key < 1_000; key++) {
            before.put(Hash.mix(key), pool.choose(Hash.mix(key), List.of()).orElseThrow());
        }
        members[0].drain(true);
        pool.changed();
        Map<Member, Integer> moved = new HashMap<>();
        before.forEach((key, member) -> {
            Member now = pool.choose(key, List.of()).orElseThrow();
            if (member == members[0]) {
                assertNotEquals(members[0], now);
                moved.merge(now, 1, Integer::sum);
            } else {
                assertSame(member, now);
            }
        });
        assertEquals(2, moved.size());
    }

    @Test
    void anotherAttemptGoesToAnotherAddressWhileThereIsOne() {
        Member a = member("a", 1);
        Member b = member("b", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, b);
        assertSame(b, pool.choose(0, List.of(a)).orElseThrow());
        assertTrue(pool.choose(0, List.of(a, b)).isPresent());
    }

    @Test
    void failuresInARowPutAnAddressOutForLongerEachTimeAndOneStaysIn() {
        Member a = member("a", 1);
        Member b = member("b", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, b);
        assertFalse(pool.failed(a, 0) || pool.failed(a, 0));
        a.succeeded();
        assertFalse(pool.failed(a, 0) || pool.failed(a, 0));
        assertTrue(pool.failed(a, 0));
        assertEquals(Map.of(b, 10), counts(pool, 10));
        for (int i = 0; i < 10; i++) {
            assertFalse(pool.failed(b, 0), "no other is left");
        }
        assertEquals(List.of(), pool.readmit(9_999_999_999L));
        assertEquals(List.of(a), pool.readmit(10_000_000_000L));
        assertEquals(2, counts(pool, 10).size());
        b.succeeded();
        assertFalse(pool.failed(a, 0) || pool.failed(a, 0));
        assertTrue(pool.failed(a, 0));
        assertEquals(List.of(), pool.readmit(19_000_000_000L));
        assertEquals(List.of(a), pool.readmit(20_000_000_000L));
    }

    @Test
    void aLoneAddressIsNeverPutOut() {
        Member a = member("a", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a);
        for (int i = 0; i < 10; i++) {
            assertFalse(pool.failed(a, 0));
        }
        assertSame(a, pool.choose(0, List.of()).orElseThrow());
    }

    @Test
    void whenAllAreUnwellAllAreTriedButNoneThatIsDrained() {
        Member a = member("a", 1);
        Member b = member("b", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, b);
        OriginHealth health = new OriginHealth("/", Duration.ofSeconds(1), Duration.ofSeconds(1), 2, 2, 0);
        for (Member member : List.of(a, b)) {
            assertFalse(member.checked(false, health));
            assertTrue(member.checked(false, health));
            assertFalse(member.checked(false, health));
        }
        pool.changed();
        assertEquals(2, counts(pool, 10).size());
        a.drain(true);
        pool.changed();
        assertEquals(Map.of(b, 10), counts(pool, 10));
        b.drain(true);
        pool.changed();
        assertTrue(pool.choose(0, List.of()).isEmpty());
        assertFalse(a.checked(true, health));
        assertTrue(a.checked(true, health));
    }

    @Test
    void aChangeKeepsWhatIsKnownOfTheSameAddress() {
        Member a = member("a", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, member("b", 1));
        a.drain(true);
        pool.set(List.of(member("a", 1), member("c", 1)));
        assertSame(a, pool.members().getFirst());
        pool.set(List.of(member("a", 2), member("c", 1)));
        assertTrue(pool.members().getFirst().isDraining());
        assertEquals(2, pool.members().getFirst().weight());
    }

    @Test
    void aTagFindsItsAddressAgainWhileThatIsWell() {
        Member a = member("a", 1);
        Pool pool = pool(OriginBalance.Method.ROUND_ROBIN, a, member("b", 1));
        assertSame(a, pool.tagged(a.tag()).orElseThrow());
        assertTrue(pool.tagged("nothing").isEmpty());
        a.drain(true);
        assertTrue(pool.tagged(a.tag()).isEmpty());
    }
}
