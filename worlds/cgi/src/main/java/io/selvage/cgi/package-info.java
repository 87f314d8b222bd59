/**
 * The world {@code cgi}: a WASI command is a CGI program (RFC 3875), as in WAGI and Wasmer's WCGI.
 *
 * <p>{@link io.selvage.cgi.CgiWorld} says what such a program gets and what is expected of it.
 */
@NullMarked
package io.selvage.cgi;

import org.jspecify.annotations.NullMarked;
