/**
 * The service {@code kv}: durable named stores of bytes by key, in one SQLite file under the node's state directory.
 *
 * <p>Start with {@link io.selvage.kv.SqliteKeyValueService}.
 */
@NullMarked
package io.selvage.kv;

import org.jspecify.annotations.NullMarked;
