// What must be forgotten. Calls only take notes; the work is done once, just
// before the guest runs again, since nothing is served from a TLB until then.

#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {
namespace {

// A full flush costs 0.2 to 30 us and 65 ns for each page asked for again, a
// page dropped by the image's routine about 0.1 us.
constexpr size_t kMaxSinglePages = 32;
// Dropping one frame's instructions costs about 0.1 us, all of them 8 us and
// every hot block's translation again.
constexpr size_t kMaxSingleCodeFrames = 256;

}  // namespace

void Cpu::FlushRange(const mm::AddressSpace& mm, mm::GuestRange range) {
  Impl& i = *impl_;
  if (mm.id() != i.mm_id || i.all_pages || range.empty()) {
    return;  // another's translations were dropped when it was switched from
  }
  const uint64_t count = range.Pages(i.page_shift).value();
  if (i.tagged_fills || i.pages.size() + count > kMaxSinglePages) {
    i.all_pages = true;
    i.pages.clear();
    return;
  }
  for (uint64_t p = 0; p < count; ++p) {
    i.pages.push_back(range.start.value() + (p << i.page_shift.value()));
  }
}

void Cpu::FlushMm(const mm::AddressSpace& mm) {
  if (mm.id() == impl_->mm_id) {
    impl_->ForgetAllPages();
  }
}

void Cpu::FlushCode(mm::Pfn frame) { impl_->code_frames.push_back(frame); }

void Cpu::Impl::ForgetAllPages() {
  all_pages = true;
  pages.clear();
}

void Cpu::Impl::FlushPending() {
  if (watching != nullptr &&
      (all_pages || !pages.empty() || !code_frames.empty())) [[unlikely]] {
    watching->CodeMayChange();
  }
  // The next fetch from a frame must be asked for again, and so be noted.
  for (const mm::Pfn frame : code_frames) {
    all_pages |= aliases->MayFetch(frame);
  }
  if (all_pages) {
    uc_ctl_flush_tlb(uc);
    if (watching != nullptr) {
      watching->FillsForgotten();
    }
    ++counters.full_flushes;
    aliases->Forget();
    pages.clear();
    uniform_frames.clear();
    window_frames.clear();
    debug.ForgetFills();
    all_pages = false;
    tagged_fills = false;
  }
  if (code_frames.size() > kMaxSingleCodeFrames) {
    uc_ctl_flush_tb(uc);
    ++counters.code_flushes;
    code_frames.clear();
  }
  if (debug.watching()) [[unlikely]] {
    for (const uint64_t page : pages) {
      debug.ForgetFill(page);
    }
  }
  if (!pages.empty() || !code_frames.empty()) {
    FlushPendingInKernel();
  }
}

void Cpu::Impl::FlushPendingInKernel() {
  uc_context_save(uc, scratch_context.get());
  uc_context_restore(uc, kernel_context.get());
  const mm::Mode interrupted = mode;
  mode = mm::Mode::kKernel;

  // The engine names instructions by a virtual address that it can fetch from,
  // so each frame is shown to it in a window that only this place opens.
  const uint64_t frame_bytes = page_shift.bytes();
  forgetting_code = true;
  for (const mm::Pfn frame : code_frames) {
    const uint64_t va = FrameWindow(arch) + frame.ToPhys(page_shift).value();
    for (uint64_t o = 0; o < frame_bytes; o += kEnginePageBytes) {
      uc_ctl_remove_cache(uc, va + o, va + o + kEnginePageBytes);
    }
    ++counters.code_flushes;
  }
  forgetting_code = false;
  code_frames.clear();

  for (size_t i = 0; i < pages.size();) {
    size_t n = 1;
    while (i + n < pages.size() && pages[i + n] == pages[i] + n * frame_bytes) {
      ++n;
    }
    // The engine's TLB has entries of its own size.
    port.PrepareFlush(uc, pages[i], n * (frame_bytes / kEnginePageBytes));
    RunRoutine(image.flush_pages);
    counters.page_flushes += n;
    for (size_t k = 0; watching != nullptr && k < n * frame_bytes;
         k += kEnginePageBytes) {
      watching->FillForgotten(pages[i] + k);
    }
    i += n;
  }
  pages.clear();

  mode = interrupted;
  uc_context_restore(uc, scratch_context.get());
}

}  // namespace faultline::engine
