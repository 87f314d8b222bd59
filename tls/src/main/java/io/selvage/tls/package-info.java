/**
 * What TLS listeners need besides a network: certificates and keys in files, the choice among them by server name, and a
 * certificate for development.
 */
@NullMarked
package io.selvage.tls;

import org.jspecify.annotations.NullMarked;
