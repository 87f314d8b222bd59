package io.selvage.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a//b/, /a//b/",
        "/%41%7e, /A~",
        "/a%2fb, /a%2Fb",
        "/a/./b, /a/b",
        "/a/../b, /b",
        "/a/b/.., /a/",
        "/a/., /a/",
        "/%2e%2e/%2E, ''",
        "/a/%2e%2E/b, /b",
        "/..a/.b, /..a/.b",
        "/a/b/../../c, /c",
        "/caf%c3%a9, /caf%C3%A9",
        "/a;b=c/@:, /a;b=c/@:",
        "/.well-known/x, /.well-known/x",
        "/a/.../b, /a/.../b"
    })
    void aPathHasOneForm(String raw, String expected) {
        if (expected.isEmpty()) {
            assertThrows(IllegalArgumentException.class, () -> RequestPath.normalize(raw));
        } else {
            assertEquals(expected, RequestPath.normalize(raw).text());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "/..",
                "/../a",
                "/a/../../b",
                "/%2e%2e/a",
                "/%",
                "/%4",
                "/%zz",
                "/%00",
                "/a\\b",
                "/a b",
                "/é",
                "/a/..%2fb",
                "/a%2f..%2fb",
                "/a%5c..%5cb",
                "/..%5c",
                "/%2e%2e%2fetc",
                "/a%2f.",
                "/%c0%ae%c0%ae/",
                "/%ff",
                "/a\u0000",
                "/a\tb",
                "/a\u007f"
            })
    void whatCouldBeReadInTwoWaysIsRefused(String raw) {
        assertThrows(IllegalArgumentException.class, () -> RequestPath.normalize(raw));
    }
}
