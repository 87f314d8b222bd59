package io.selvage.rules;

import io.selvage.node.Rule;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Puts each user into a bucket of each test, and tells the destination which. The bucket depends on the test's name and the
 * user alone, so that it is the same on every node and after every restart.
 */
final class Bucketing implements Step {
    private record Split(Rule.Split rule, PartitionKey key, int total) {}

    private final List<Split> splits;

    Bucketing(Rule.Buckets rule) {
        splits = rule.all().stream()
                .map(s -> new Split(
                        s,
                        new PartitionKey(List.of(s.by())),
                        s.shares().values().stream().mapToInt(Integer::intValue).sum()))
                .toList();
    }

    @Override
    public String key() {
        return "buckets";
    }

    @Override
    public Outcome apply(Passage passage) {
        for (Split split : splits) {
            String bucket = bucket(split, split.key.of(passage));
            passage.set(split.rule.header(), bucket);
            passage.values().put("bucket." + split.rule.name(), bucket);
            passage.say(key(), "\"" + split.rule.name() + "\" is " + bucket + ", by " + split.rule.by());
        }
        return Outcome.PASS;
    }

    private static String bucket(Split split, String user) {
        long hash = ByteBuffer.wrap(PartitionKey.sha256(split.rule.name() + "\n" + user))
                .getLong();
        long place = Long.remainderUnsigned(hash, split.total);
        for (Map.Entry<String, Integer> share : split.rule.shares().entrySet()) {
            place -= share.getValue();
            if (place < 0) {
                return share.getKey();
            }
        }
        throw new IllegalStateException("the shares are not what they were");
    }
}
