#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own mutator, in place: the new size, at most `most`. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#endif
