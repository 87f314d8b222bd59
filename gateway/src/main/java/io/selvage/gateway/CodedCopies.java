package io.selvage.gateway;

import io.selvage.cache.CacheKey;
import io.selvage.cache.CachedResponse;
import io.selvage.cache.Content;
import io.selvage.cache.ContentCoding;
import io.selvage.cache.HttpCache;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Makes the coded forms of stored contents, each once however many ask for it, away from the event loops. Thread-safe. */
final class CodedCopies {
    /** The longest content that is coded whole to be stored, bytes; longer ones are coded as they pass. */
    static final long LONGEST = 4 << 20;

    private record Job(CachedResponse stored, Content.InMemory content, ContentCoding coding) {}

    private final HttpCache cache;
    private final Map<Job, CompletableFuture<CachedResponse>> running = new ConcurrentHashMap<>();

    CodedCopies(HttpCache cache) {
        this.cache = cache;
    }

    /** The response with its content in this coding too; the future completes on any thread, and never with a failure. */
    CompletableFuture<CachedResponse> make(
            CacheKey key, CachedResponse stored, Content.InMemory content, ContentCoding coding) {
        Job job = new Job(stored, content, coding);
        return running.computeIfAbsent(job, _ -> start(key, job));
    }

    private CompletableFuture<CachedResponse> start(CacheKey key, Job job) {
        return CompletableFuture.supplyAsync(
                () -> {
                    CachedResponse made = job.stored.withCoded(job.coding, code(job));
                    cache.replace(key, job.stored, made);
                    running.remove(job);
                    return made;
                },
                Thread::startVirtualThread);
    }

    private static byte[] code(Job job) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream encoder = job.coding.encoder(out)) {
            for (byte[] part : job.content.parts()) {
                encoder.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
