// How the program deals with the memory it has freed, and with memory that there is not.
#pragma once

namespace dsqlint {

/// Lets freed memory stay with the process for ten seconds instead of milliseconds: the next pass,
/// file or keystroke asks for as much again, and a page that comes fresh from the system costs more
/// than what is done with it. What the environment says of the allocator comes first. Does nothing
/// where the program is built without mimalloc. To be called before threads are started.
void keep_freed_memory();

/// Where memory ends, the program says so and ends with code 1: mimalloc throws nothing but ends it
/// without a word, and nobody catches what a worker thread throws.
void end_when_out_of_memory();

}  // namespace dsqlint
