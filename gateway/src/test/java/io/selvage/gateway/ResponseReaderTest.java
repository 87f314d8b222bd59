package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.node.Headers;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseReaderTest {
    private static final String FIELDS = "Content-Type: text/plain\r\nX-A:1\r\n";

    private final StringBuilder found = new StringBuilder();
    private final ResponseReader reader = new ResponseReader(8192, new ResponseReader.Found() {
        @Override
        public void interim(int status, Headers fields) {
            found.append('(').append(status).append(' ').append(text(fields)).append(')');
        }

        @Override
        public void head(int status, Headers fields) {
            found.append(status).append(' ').append(text(fields)).append('|');
        }

        @Override
        public void content(Buffer part) {
            found.append(part.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void end(Headers trailers) {
            found.append('|').append(text(trailers)).append('.');
        }
    });

    private static String text(Headers fields) {
        return fields.toString().strip().replace("\n", ",");
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private String read(String method, String text) throws Malformed {
        found.setLength(0);
        reader.expect(method);
        reader.read(bytes(text));
        return found.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 \nContent-Length:\t5 \n\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\ncontent-length: 5\r\n\r\nhello",
            })
    void aResponseIsTheSameHoweverItComesInPieces(String text) throws Exception {
        String expected = "200 content-length: 5|hello|.";
        assertEquals(expected, read("GET", text));
        assertTrue(reader.isIdle() && reader.persists());
        found.setLength(0);
        reader.expect("GET");
        for (int i = 0; i < text.length(); i++) {
            reader.read(bytes(text.substring(i, i + 1)));
        }
        assertEquals(expected, found.toString());
    }

    @Test
    void chunksAreJoinedAndTrailersTold() throws Exception {
        String text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5;a=\"b\"\r\nhello\r\n00A \r\n wonderful\r\n0\r\nX-Sum: 1\r\n\r\n";
        String expected = "200 transfer-encoding: Chunked|hello wonderful|x-sum: 1.";
        assertEquals(expected, read("GET", text));
        assertTrue(reader.persists());
        found.setLength(0);
        reader.expect("GET");
        for (int i = 0; i < text.length(); i++) {
            reader.read(bytes(text.substring(i, i + 1)));
        }
        assertEquals(expected, found.toString());
    }

    @Test
    void contentMayEndWithTheConnection() throws Exception {
        assertEquals("200 |some", read("GET", "HTTP/1.1 200 OK\r\n\r\nsome"));
        reader.read(bytes(" more"));
        reader.close();
        assertEquals("200 |some more|.", found.toString());
        assertFalse(reader.persists());
    }

    @Test
    void aCodingThatChangesNothingEndsWithTheConnection() throws Exception {
        read("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nsome");
        reader.close();
        assertEquals("200 transfer-encoding: identity|some|.", found.toString());
        assertFalse(reader.persists());
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200", "GET, 204", "GET, 304"})
    void someResponsesHaveNoContent(String method, int status) throws Exception {
        assertEquals(
                status + " content-length: 5||.",
                read(method, "HTTP/1.1 " + status + " X\r\nContent-Length: 5\r\n\r\n"));
    }

    @Test
    void whatComesPastTheEndIsLeft() throws Exception {
        ByteBuf in = bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP");
        reader.expect("GET");
        reader.read(in);
        assertEquals(4, in.readableBytes());
    }

    @Test
    void interimResponsesComeBefore() throws Exception {
        assertEquals(
                "(100 )(103 link: </a>)200 content-length: 0||.",
                read(
                        "GET",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"
                                + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }

    @Test
    void foldedLinesAndBlanksBeforeAColonAreMended() throws Exception {
        assertEquals(
                "200 x-a: 1     2,x-b: 3,content-length: 0||.",
                read("GET", "HTTP/1.1 200 OK\r\nX-A: 1\r\n \t 2\r\nX-B : 3\r\nContent-Length: 0\r\n\r\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1, close, false",
        "HTTP/1.1, 'x, Close', false",
        "HTTP/1.1, x, true",
        "HTTP/1.0, x, false",
        "HTTP/1.0, keep-alive, true"
    })
    void aConnectionPersistsUnlessItSaysOtherwise(String version, String option, boolean persists) throws Exception {
        read("GET", version + " 200 OK\r\nConnection: " + option + "\r\nContent-Length: 0\r\n\r\n");
        assertEquals(persists, reader.persists());
    }

    @Test
    void twoLengthsThatAreNotTheSameKindEndTheConnection() throws Exception {
        assertEquals(
                "200 transfer-encoding: chunked|ok|.",
                read(
                        "GET",
                        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"));
        assertFalse(reader.persists());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\nHTTP/1.1 200 OK\r\n\r\n",
                "HTTP/2.0 200 OK\r\n\r\n",
                "HTTP/1.1  200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 000 OK\r\n\r\n",
                "HTTP/1.1 101 Switching\r\n\r\n",
                "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA b: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: x\u0000\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5,\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2x\r\nok\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            })
    void whatIsNoWholeResponseIsRefused(String text) {
        assertThrows(Malformed.class, () -> {
            read("GET", text);
            reader.close();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nA: %s",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;%s",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: %s"
            })
    void aLineHasItsBounds(String text) {
        assertThrows(Malformed.class, () -> read("GET", text.formatted("a".repeat(9000))));
    }

    @Test
    void interimResponsesHaveAnEnd() {
        assertThrows(Malformed.class, () -> read("GET", ("HTTP/1.1 103 Early\r\n" + FIELDS + "\r\n").repeat(1000)));
    }
}
