package io.selvage.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What this build was made from.
 *
 * @param version the project's version
 * @param revision the commit, with {@code -dirty} if files had changed; {@code unknown} outside a repository
 * @param built when, in UTC
 */
record BuildInfo(String version, String revision, String built) {
    static BuildInfo read() {
        Properties properties = new Properties();
        try (InputStream stream = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (stream != null) {
                properties.load(stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BuildInfo(
                properties.getProperty("version", "unknown"),
                properties.getProperty("revision", "unknown"),
                properties.getProperty("built", "unknown"));
    }
}
