package io.selvage.wasi;

/** What a seek counts from. */
enum Whence {
    SET,
    CUR,
    END
}
