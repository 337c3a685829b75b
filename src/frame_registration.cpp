// Of a static binary alone. Its start-up code registers all unwinding tables with libgcc, which then sorts all of them
// when the first exception is thrown: twenty times the work of validating a file. The tables have an index that the
// linker sorted (--eh-frame-hdr), and libgcc takes it where nothing is registered. The linker's --wrap leads the
// start-up code here.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's
void __wrap___register_frame_info(const void* begin, void* object);
void* __wrap___deregister_frame_info(const void* begin);

void __wrap___register_frame_info(const void* /*begin*/, void* /*object*/) {}
void* __wrap___deregister_frame_info(const void* /*begin*/) {
  return nullptr;
}
// NOLINTEND(bugprone-reserved-identifier)
}
