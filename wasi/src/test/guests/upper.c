// Copies standard input to standard output in capitals, block by block.
#include <ctype.h>
#include <unistd.h>

int main(void) {
    static char block[4096];
    ssize_t count;
    while ((count = read(0, block, sizeof block)) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            block[i] = (char)toupper((unsigned char)block[i]);
        }
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(1, block + done, (size_t)(count - done));
            if (written < 0) {
                return 1;
            }
            done += written;
        }
    }
    return count < 0 ? 2 : 0;
}
