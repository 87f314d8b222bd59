package io.selvage.esi;

/** A page's tags ask for more than is allowed. */
final class PageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient PageFailure failure;

    PageException(PageFailure failure) {
        super(failure.detail(), null, false, false);
        this.failure = failure;
    }

    PageFailure failure() {
        return failure;
    }
}
