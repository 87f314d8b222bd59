/**
 * Edge Side Includes (ESI Language Specification 1.0): reads pages with tags and puts them together. Knows no sockets: what
 * is included comes from whoever uses it.
 */
@NullMarked
package io.selvage.esi;

import org.jspecify.annotations.NullMarked;
