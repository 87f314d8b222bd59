package io.selvage.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.selvage.node.GuestException;
import io.selvage.node.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseStreamTest {
    private TestExchange exchange = TestExchange.get("");
    private Duration patience = Duration.ofHours(1);

    @Test
    void aHeadAndABodyBecomeAResponse() throws IOException {
        respond("Status: 404 Not Found\nContent-Type: text/plain\nX-A: 1\nX-A: 2\n\nnothing here\n");
        assertEquals(404, exchange.status());
        assertEquals(Optional.of("text/plain"), exchange.field("Content-Type"));
        assertEquals(List.of("1", "2"), exchange.head().headers().all("x-a"));
        assertEquals(Optional.of("13"), exchange.field("Content-Length"));
        assertEquals(Optional.empty(), exchange.field("Status"));
        assertEquals("nothing here\n", exchange.text());
        assertTrue(exchange.closed());
        assertEquals(1, exchange.pieces().size());
    }

    @Test
    void aHeadMayComeByteByByteAndWithEitherLineEnd() throws IOException {
        ResponseStream stream = stream();
        for (byte b : "Content-Type:text/plain\r\nStatus: 201\n\r\n\nbody".getBytes(UTF_8)) {
            stream.write(b);
        }
        stream.finish(0);
        assertEquals(201, exchange.status());
        assertEquals(Optional.of("text/plain"), exchange.field("content-type"));
        assertEquals("\nbody", exchange.text());
    }

    @Test
    void aLocationRedirects() throws IOException {
        respond("Location: https://example.com/\n\n");
        assertEquals(302, exchange.status());
        assertEquals(Optional.of("https://example.com/"), exchange.field("Location"));
        exchange = TestExchange.get("");
        respond("Location: /elsewhere\nStatus: 308 Permanent Redirect\nContent-Type: text/html\n\n<p>moved");
        assertEquals(308, exchange.status());
        assertEquals(Optional.of("/elsewhere"), exchange.field("Location"));
        assertEquals("<p>moved", exchange.text());
    }

    @Test
    void bytesOfAFieldArePassedOnAsTheyAre() throws IOException {
        respond("Content-Type: text/plain\nX-Name: Zoë\n\n");
        assertEquals("Zoë", new String(exchange.field("X-Name").orElseThrow().getBytes(ISO_8859_1), UTF_8));
    }

    @Test
    void fieldsAboutTheConnectionAreDropped() throws IOException {
        respond("Content-Type: text/plain\nConnection: close\nTransfer-Encoding: chunked\nUpgrade: x\n\n");
        assertEquals(2, exchange.head().headers().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello\n",
                "Content-Type: text/plain\n",
                "Content-Type: text/plain",
                "\nhello",
                "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n",
                "Content-Type text/plain\n\n",
                "Content Type: text/plain\n\n",
                " Content-Type: text/plain\n\n",
                ": text/plain\n\n",
                "X-Only: this\n\n",
                "Status: 99\n\n",
                "Status: 2000\n\n",
                "Status: fine\n\n",
                "Status: 101 Switching\n\n",
                "Content-Type: a\rb\n\n",
                "Content-Type: a\0b\n\n",
                "Content-Type: a\nContent-Length: -1\n\n",
                "Content-Type: a\nContent-Length: 1\nContent-Length: 2\n\n",
                "Content-Type: a\nContent-Length: 5\n\nfour",
                "Content-Type: a\nContent-Length: 3\n\nfour",
            })
    void whatIsNoResponseIsRefusedBeforeAnythingIsSent(String output) {
        String message =
                assertThrows(GuestException.class, () -> respond(output)).getMessage();
        assertTrue(message.startsWith("the "), message);
        assertFalse(exchange.responded());
    }

    @Test
    void messagesSayWhatWasWrittenAndWhatIsExpected() {
        assertEquals(
                "the function wrote \"HTTP/1.1 200 OK\" where a line of the response's head is expected; a head is lines"
                        + " such as \"Content-Type: text/plain\" and then an empty line",
                assertThrows(GuestException.class, () -> respond("HTTP/1.1 200 OK\n\n"))
                        .getMessage());
        assertEquals(
                "the function ended with code 3 without writing a response; it is to write a head such as"
                        + " \"Content-Type: text/plain\", an empty line, and the body",
                assertThrows(GuestException.class, () -> stream().finish(3)).getMessage());
    }

    @Test
    void aHeadIsBounded() {
        ResponseStream stream = stream();
        byte[] piece = "X-Long: x\n".repeat(100).getBytes(UTF_8);
        GuestException e = assertThrows(GuestException.class, () -> {
            for (int i = 0; i < 1000; i++) {
                stream.write(piece);
            }
        });
        assertTrue(e.getMessage().contains("64 KiB"), e.getMessage());
    }

    @Test
    void aLongBodyStreamsInPieces() throws IOException {
        ResponseStream stream = stream();
        stream.write("Content-Type: text/plain\n\n".getBytes(UTF_8));
        byte[] line = "0123456789".getBytes(UTF_8);
        for (int i = 0; i < 10_000; i++) {
            stream.write(line);
        }
        assertTrue(exchange.text().length() > 100_000 - (16 << 10));
        stream.write("#".repeat(100_000).getBytes(UTF_8));
        stream.finish(0);
        assertEquals("0123456789".repeat(10_000) + "#".repeat(100_000), exchange.text());
        assertEquals(Optional.empty(), exchange.field("Content-Length"));
        assertTrue(exchange.pieces().size() < 12, "pieces: " + exchange.pieces().size());
    }

    @Test
    void whatLiesForAWhileIsSent() throws Exception {
        patience = Duration.ofMillis(10);
        ResponseStream stream = stream();
        stream.write("Content-Type: text/plain\n\nfirst".getBytes(UTF_8));
        assertEquals("first", exchange.pieces().poll(10, TimeUnit.SECONDS));
        stream.write("second".getBytes(UTF_8));
        assertEquals("second", exchange.pieces().poll(10, TimeUnit.SECONDS));
        stream.finish(0);
        assertTrue(exchange.closed());
        assertEquals(Optional.empty(), exchange.field("Content-Length"));
    }

    @Test
    void aBodyShorterThanDeclaredIsNeverEndedCleanly() throws Exception {
        patience = Duration.ofMillis(10);
        ResponseStream stream = stream();
        stream.write("Content-Type: text/plain\nContent-Length: 10\n\nfirst".getBytes(UTF_8));
        assertEquals("first", exchange.pieces().poll(10, TimeUnit.SECONDS));
        assertThrows(GuestException.class, () -> stream.finish(0));
        assertFalse(exchange.closed());
    }

    @Test
    void aHeadRequestGetsTheLengthOfWhatWouldBeSentAndNoBody() throws IOException {
        exchange =
                new TestExchange(TestExchange.request("HEAD", "/", "", new Headers()), InputStream.nullInputStream());
        respond("Content-Type: text/plain\n\nhello");
        assertEquals(Optional.of("5"), exchange.field("Content-Length"));
        assertEquals("", exchange.text());
    }

    @Test
    void aStatusWithoutABodyHasNone() throws IOException {
        respond("Status: 204\n\nignored");
        assertEquals(Optional.empty(), exchange.field("Content-Length"));
        assertEquals("", exchange.text());
    }

    @Test
    void aClientThatIsGoneEndsTheProgram() throws IOException {
        exchange.clientLeavesAfter(100);
        ResponseStream stream = stream();
        stream.write("Content-Type: text/plain\n\n".getBytes(UTF_8));
        assertThrows(UncheckedIOException.class, () -> stream.write(new byte[100_000]));
        assertThrows(UncheckedIOException.class, () -> stream.write(new byte[1]));
        assertThrows(IOException.class, () -> stream.finish(0));
    }

    @Test
    void aCodeAfterAWholeHeadIsOnlyLogged() throws IOException {
        ResponseStream stream = stream();
        stream.write("Content-Type: text/plain\n\nsorry".getBytes(UTF_8));
        stream.finish(2);
        assertEquals("sorry", exchange.text());
        assertEquals(List.of("exited with code 2"), exchange.logged());
    }

    private ResponseStream stream() {
        return new ResponseStream(exchange, new Flusher(patience));
    }

    private void respond(String output) throws IOException {
        ResponseStream stream = stream();
        stream.write(output.getBytes(UTF_8));
        stream.finish(0);
    }
}
