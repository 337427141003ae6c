# Writes OUT, which holds the files SCRIPTS as string literals.
set(text "#include \"plugin/lab/embedded_scripts.h\"\n
namespace faultline::lab {
namespace {
constexpr EmbeddedScript kScripts[] = {\n")
foreach(file ${SCRIPTS})
  get_filename_component(name ${file} NAME)
  file(READ ${file} source)
  string(APPEND text "{\"${name}\", R\"lua_file(${source})lua_file\"},\n")
endforeach()
string(APPEND text "};
}  // namespace
absl::Span<const EmbeddedScript> EmbeddedScripts() { return kScripts; }
}  // namespace faultline::lab\n")
file(WRITE ${OUT} "${text}")
