/** The service {@code variables}: the values that an app's manifest gives its functions. */
@NullMarked
package io.selvage.config;

import org.jspecify.annotations.NullMarked;
