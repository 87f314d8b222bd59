package io.selvage.gateway;

import io.selvage.esi.Mistake;
import io.selvage.esi.PageFailure;
import io.selvage.node.EventLog;
import io.selvage.node.RequestHead;
import java.util.List;
import java.util.stream.Collectors;

/** Tells those who run the node what is wrong with pages and with what they include. Thread-safe. */
record PageLog(EventLog log) {
    /** Some of a page is no ESI, and was left out. */
    void mistakes(RequestHead page, List<Mistake> mistakes) {
        String all = mistakes.stream().map(Mistake::toString).collect(Collectors.joining("; "));
        log.warn("esi", page.url() + ":" + all, "page", page.url(), "request", page.id());
    }

    /** Something that a page includes is not there. */
    void includeFailed(RequestHead page, String include, PageFailure failure) {
        log.warn(
                "esi",
                page.url() + " includes " + include + ": " + failure.detail(),
                "page",
                page.url(),
                "include",
                include,
                "request",
                page.id());
    }

    /** A page could not be put together. */
    void pageFailed(RequestHead page, PageFailure failure) {
        log.warn(
                "esi",
                page.url() + " could not be put together: " + failure.detail(),
                "page",
                page.url(),
                "request",
                page.id());
    }
}
