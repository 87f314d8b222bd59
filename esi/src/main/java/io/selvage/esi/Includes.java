package io.selvage.esi;

import java.util.List;

/** Where a page gets what it includes. Belongs to the thread of the page. */
@FunctionalInterface
public interface Includes {
    /** What has become of one. */
    sealed interface Result {}

    /** Its whole content, in parts that nobody changes any more. */
    record Content(List<byte[]> parts) implements Result {}

    /** There is none. */
    record Failed(PageFailure failure) implements Result {}

    /** Who waits for it; told once, perhaps before {@link #fetch} returns. */
    @FunctionalInterface
    interface Waiting {
        /** It is there, or will not come. */
        void done(Result result);
    }

    /**
     * Begins to get a URL.
     *
     * @param url as the page has it, perhaps relative
     * @return gives it up; the one who waits is not told
     */
    Runnable fetch(String url, Waiting waiting);
}
