package io.selvage.node;

/** A manifest or a setting is wrong. The message says where (file, line, column), which key, and what would be valid. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says where, what and what to do. */
    public ConfigurationException(String message) {
        super(message, null, false, false);
    }
}
