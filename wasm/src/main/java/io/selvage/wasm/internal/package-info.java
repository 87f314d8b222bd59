/** What compiled guests need to reach from their own class loaders, and nobody else. */
@NullMarked
package io.selvage.wasm.internal;

import org.jspecify.annotations.NullMarked;
