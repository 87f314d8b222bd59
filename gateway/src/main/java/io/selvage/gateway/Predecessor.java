package io.selvage.gateway;

import io.selvage.node.ConfigurationException;
import io.selvage.node.ListenAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The node that serves here already, whose addresses this one takes over. */
final class Predecessor {
    /** Where it is told, on its admin listener. */
    static final String PATH = "/take-over";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ListenAddress admin;

    /** The node with this admin listener, if there is one. */
    Predecessor(ListenAddress admin) {
        this.admin = admin;
    }

    /** Whether there is one. */
    boolean serves() {
        try {
            return send("GET", "/health/live") == 200;
        } catch (IOException _) {
            return false;
        }
    }

    /**
     * Tells it that its successor serves: it accepts no more, finishes what runs, and ends.
     *
     * @throws ConfigurationException if it does not do that
     */
    void end() {
        try {
            int status = send("POST", PATH);
            if (status != 200) {
                throw new ConfigurationException("gateway.take_over: the node at " + admin.url()
                        + " does not let itself be taken over (status " + status + "); stop it first");
            }
        } catch (IOException e) {
            throw new ConfigurationException(
                    "gateway.take_over: the node at " + admin.url() + " cannot be told: " + e.getMessage());
        }
    }

    private int send(String method, String path) throws IOException {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(admin.url() + path))
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .timeout(PATIENCE)
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }
}
