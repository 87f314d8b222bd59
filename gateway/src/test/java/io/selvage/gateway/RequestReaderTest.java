package io.selvage.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class RequestReaderTest {
    private static final int LINE = 64;
    private static final int FIELDS = 128;

    private final StringBuilder found = new StringBuilder();
    private int wanted = Integer.MAX_VALUE;
    private final RequestReader reader = new RequestReader(LINE, FIELDS, new RequestReader.Found() {
        @Override
        public void head(RequestReader.Line line, Headers fields, long length) {
            found.append(line.method() + " " + line.target() + " " + line.protocol() + " " + text(fields) + " "
                            + length)
                    .append('|');
        }

        @Override
        public boolean wantsContent() {
            return wanted > 0;
        }

        @Override
        public void content(Buffer part) {
            wanted--;
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

    /** With {@code ~} for CR LF, {@code ^} for LF and {@code !} for CR. */
    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(
                text.replace("~", "\r\n").replace('^', '\n').replace('!', '\r'), StandardCharsets.ISO_8859_1);
    }

    private String read(String text) throws Malformed {
        reader.read(bytes(text));
        return found.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "GET / HTTP/1.1~Host: a~~ # GET / HTTP/1.1 host: a 0||.",
                "~~GET / HTTP/1.0~~ # GET / HTTP/1.0  0||.",
                "M-SEARCH * HTTP/1.1~Host:a ~X: a\tb ~~ # M-SEARCH * HTTP/1.1 host: a,x: a\tb 0||.",
                "POST /a?b HTTP/1.1~Content-Length: 5~~hello # POST /a?b HTTP/1.1 content-length: 5 5|hello|.",
                "POST / HTTP/1.1~Transfer-Encoding: Chunked~~5~hello~2;x=\"y\"~, ~000~T: t~~ "
                        + "# POST / HTTP/1.1 transfer-encoding: Chunked -1|hello, |t: t.",
                "GET / HTTP/1.9~Host: a~~ # GET / HTTP/1.1 host: a 0||.",
            })
    void aRequestIsTheSameHoweverItComesInPieces(String text, String expected) throws Exception {
        String readable = expected.replace("~", "\r\n");
        assertEquals(readable, read(text));
        found.setLength(0);
        reader.next();
        ByteBuf all = bytes(text);
        while (all.isReadable()) {
            ByteBuf one = all.readSlice(1);
            reader.read(one);
            assertEquals(0, one.readableBytes());
        }
        assertEquals(readable, found.toString());
    }

    @Test
    void whatBelongsToTheNextRequestIsLeft() throws Exception {
        ByteBuf two = bytes("POST /a HTTP/1.1~Content-Length: 2~~hiGET /b HTTP/1.1~~");
        reader.read(two);
        assertEquals("GET /b HTTP/1.1\r\n\r\n", two.toString(StandardCharsets.ISO_8859_1));
        reader.read(two);
        assertEquals(19, two.readableBytes(), "nothing is read before it is its turn");
        reader.next();
        reader.read(two);
        assertTrue(found.toString().endsWith("GET /b HTTP/1.1  0||."), found.toString());
    }

    @Test
    void contentThatIsNotWantedWaits() throws Exception {
        wanted = 1;
        ByteBuf in = bytes("POST / HTTP/1.1~Transfer-Encoding: chunked~~2~ab~2~cd~0~~");
        reader.read(in);
        assertTrue(found.toString().endsWith("|ab"), found.toString());
        wanted = 1;
        reader.read(in);
        assertTrue(found.toString().endsWith("|abcd|."), found.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "400 # GET / HTTP/1.1^Host: a^^",
                "400 # GET / HTTP/1.1~Host: a^~",
                "400 # GET / HTTP/1.1~Host: a~ b~~",
                "400 # GET / HTTP/1.1~ Host: a~~",
                "400 # GET / HTTP/1.1~Host : a~~",
                "400 # GET / HTTP/1.1~: a~~",
                "400 # GET / HTTP/1.1~Host~~",
                "400 # GET / HTTP/1.1~X: a!b~~",
                "400 # GET / HTTP/1.1~X: a\u0000b~~",
                "400 # GET / HTTP/1.1~X\u00e9: a~~",
                "400 # GET  / HTTP/1.1~~",
                "400 # GET /a b HTTP/1.1~~",
                "400 # GET\t/ HTTP/1.1~~",
                "400 # GET / HTTP/1.1 ~~",
                "400 # ' GET / HTTP/1.1~~'",
                "400 # GET /!x HTTP/1.1~~",
                "400 # G(T / HTTP/1.1~~",
                "400 # GET /~~",
                "400 # GET / http/1.1~~",
                "400 # GET / HTTP/11~~",
                "505 # GET / HTTP/2.0~~",
                "505 # GET / HTTP/0.9~~",
                "400 # POST / HTTP/1.1~Content-Length: 3~Content-Length: 3~~",
                "400 # POST / HTTP/1.1~Content-Length: 3, 3~~",
                "400 # POST / HTTP/1.1~Content-Length: 0x3~~",
                "400 # POST / HTTP/1.1~Content-Length:~~",
                "400 # POST / HTTP/1.1~Content-Length: 99999999999999999999~~",
                "400 # POST / HTTP/1.1~Content-Length: 3~Transfer-Encoding: chunked~~",
                "400 # POST / HTTP/1.0~Transfer-Encoding: chunked~~",
                "501 # POST / HTTP/1.1~Transfer-Encoding: chunked, chunked~~",
                "501 # POST / HTTP/1.1~Transfer-Encoding: chunked~Transfer-Encoding: identity~~",
                "501 # POST / HTTP/1.1~Transfer-Encoding: xchunked~~",
                "501 # POST / HTTP/1.1~Transfer-Encoding: \u000bchunked~~",
            })
    void whatMayBeReadInAnotherWayIsRefused(int status, String text) {
        Refused refused = assertThrows(Refused.class, () -> read(text));
        int expected = text.contains("\u000b") ? 400 : status;
        assertEquals(expected, refused.problem().status(), refused.problem().detail());
        assertEquals("", found.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5^hello~0~~",
                "5~hello^0~~",
                "5~hellox~0~~",
                "5 x~hello~0~~",
                "0x5~hello~0~~",
                "-5~hello~0~~",
                "~hello~0~~",
                "\u0665~hello~0~~",
                "10000000000000000~",
                "0~T^~",
                "0~T t: x~~",
            })
    void chunksWhoseEndIsNotCertainAreMalformed(String chunks) {
        assertThrows(Malformed.class, () -> read("POST / HTTP/1.1~Transfer-Encoding: chunked~~" + chunks));
    }

    @Test
    void asMuchAsIsAllowedFitsAndNotMore() throws Exception {
        String line = "GET /" + "x".repeat(LINE - 14) + " HTTP/1.1";
        assertEquals(LINE, line.length());
        read(line + "~~");
        reader.next();
        String field = "X: " + "y".repeat(FIELDS - 7) + "~";
        read("GET / HTTP/1.1~" + field + "~");
        for (String tooLong : new String[] {"x" + line + "~~", "x".repeat(1_000)}) {
            reader.next();
            assertEquals(
                    414,
                    assertThrows(Refused.class, () -> read(tooLong)).problem().status());
        }
        for (String tooMuch : new String[] {"z" + field + "~", "z".repeat(1_000)}) {
            reader.next();
            Refused refused = assertThrows(Refused.class, () -> read("GET / HTTP/1.1~" + tooMuch));
            assertEquals(431, refused.problem().status());
        }
    }
}
