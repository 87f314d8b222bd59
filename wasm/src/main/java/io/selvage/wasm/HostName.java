package io.selvage.wasm;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name under which guests import a Java method; see {@link Imports.Builder#methods}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface HostName {
    /** The second part of the import's name, for example {@code fd_write}. */
    String value();
}
