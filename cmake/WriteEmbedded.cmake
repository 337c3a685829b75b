# Writes INPUT as a C++ source that defines NAMESPACE::VARIABLE. Bytes as numbers: a string literal has a limit of length.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <string_view>

namespace ${NAMESPACE} {
namespace {
constexpr unsigned char bytes[] = {
${bytes}
};
}  // namespace
extern const std::string_view ${VARIABLE};
const std::string_view ${VARIABLE}(reinterpret_cast<const char*>(bytes), sizeof(bytes));
}  // namespace ${NAMESPACE}
")
