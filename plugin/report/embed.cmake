# Writes OUT, which holds the files ASSETS as string literals. A literal may have
# 64 KiB by the standard: each of these files has less.
set(text "#include \"plugin/report/assets.h\"\n
namespace faultline::report {
std::string_view Asset(std::string_view name) {\n")
foreach(file ${ASSETS})
  get_filename_component(name ${file} NAME)
  file(READ ${file} source)
  string(APPEND text "if (name == \"${name}\") {
return R\"page_asset(${source})page_asset\";\n}\n")
endforeach()
string(APPEND text "return {};\n}\n}  // namespace faultline::report\n")
file(WRITE ${OUT} "${text}")
