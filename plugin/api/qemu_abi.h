#ifndef FAULTLINE_PLUGIN_API_QEMU_ABI_H_
#define FAULTLINE_PLUGIN_API_QEMU_ABI_H_

/* The binary interface of QEMU's TCG plug-ins, versions 1 to 4, as C: what a
 * shared object may expect of the program that loads it, and must offer. Names,
 * types and numbers are QEMU's; see its docs/devel/tcg-plugins. docs/plugins.md
 * says what each means here.
 *
 * A plug-in that is compiled with this header runs in QEMU as well. It chooses
 * its version by defining FAULTLINE_QEMU_ABI (4 if it does not):
 *   1  counters are plain memory; instruction bytes are a pointer
 *   2  counters are scoreboards, one cell a vCPU; conditional calls; registers
 *   3  instruction bytes are copied
 *   4  memory can be read
 */

#include "plugin/api/qemu_abi_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- Life of a plug-in --- */

void qemu_plugin_uninstall(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);
void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);
void qemu_plugin_register_flush_cb(qemu_plugin_id_t id,
                                   qemu_plugin_simple_cb_t cb);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                    qemu_plugin_udata_cb_t cb, void* userdata);

/* --- vCPUs: here, guest threads --- */

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb);
void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb);
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id,
                                         qemu_plugin_vcpu_simple_cb_t cb);
void qemu_plugin_vcpu_for_each(qemu_plugin_id_t id,
                               qemu_plugin_vcpu_simple_cb_t cb);
int qemu_plugin_num_vcpus(void);
int qemu_plugin_n_vcpus(void);     /* version 1 */
int qemu_plugin_n_max_vcpus(void); /* version 1 */
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id,
                                          qemu_plugin_vcpu_syscall_cb_t cb);
void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t cb);

/* --- Blocks --- */

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* tb);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb* tb, size_t idx);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* tb,
                                          qemu_plugin_vcpu_udata_cb_t cb,
                                          enum qemu_plugin_cb_flags flags,
                                          void* userdata);
void qemu_plugin_register_vcpu_tb_exec_cond_cb(struct qemu_plugin_tb* tb,
                                               qemu_plugin_vcpu_udata_cb_t cb,
                                               enum qemu_plugin_cb_flags flags,
                                               enum qemu_plugin_cond cond,
                                               qemu_plugin_u64 entry,
                                               uint64_t imm, void* userdata);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* tb,
                                              enum qemu_plugin_op op, void* ptr,
                                              uint64_t imm); /* version 1 */
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
    struct qemu_plugin_tb* tb, enum qemu_plugin_op op, qemu_plugin_u64 entry,
    uint64_t imm);

/* --- Instructions --- */

#if FAULTLINE_QEMU_ABI < 3
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* insn);
#else
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn* insn, void* dest,
                             size_t len);
#endif
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* insn);
void* qemu_plugin_insn_haddr(const struct qemu_plugin_insn* insn);
char* qemu_plugin_insn_disas(const struct qemu_plugin_insn* insn);
const char* qemu_plugin_insn_symbol(const struct qemu_plugin_insn* insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* insn,
                                            qemu_plugin_vcpu_udata_cb_t cb,
                                            enum qemu_plugin_cb_flags flags,
                                            void* userdata);
void qemu_plugin_register_vcpu_insn_exec_cond_cb(
    struct qemu_plugin_insn* insn, qemu_plugin_vcpu_udata_cb_t cb,
    enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond cond,
    qemu_plugin_u64 entry, uint64_t imm, void* userdata);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn* insn,
                                                enum qemu_plugin_op op,
                                                void* ptr,
                                                uint64_t imm); /* version 1 */
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
    struct qemu_plugin_insn* insn, enum qemu_plugin_op op,
    qemu_plugin_u64 entry, uint64_t imm);

/* --- Accesses to memory --- */

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* insn,
                                      qemu_plugin_vcpu_mem_cb_t cb,
                                      enum qemu_plugin_cb_flags flags,
                                      enum qemu_plugin_mem_rw rw,
                                      void* userdata);
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn* insn,
                                          enum qemu_plugin_mem_rw rw,
                                          enum qemu_plugin_op op, void* ptr,
                                          uint64_t imm); /* version 1 */
void qemu_plugin_register_vcpu_mem_inline_per_vcpu(
    struct qemu_plugin_insn* insn, enum qemu_plugin_mem_rw rw,
    enum qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_sign_extended(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_big_endian(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info,
                                                  uint64_t vaddr);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr* haddr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr* haddr);
const char* qemu_plugin_hwaddr_device_name(
    const struct qemu_plugin_hwaddr* haddr);

qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t info);

/* --- Scoreboards: an element for each vCPU, zero at first --- */

struct qemu_plugin_scoreboard* qemu_plugin_scoreboard_new(size_t element_size);
void qemu_plugin_scoreboard_free(struct qemu_plugin_scoreboard* score);
void* qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard* score,
                                  unsigned int vcpu_index);
void qemu_plugin_u64_add(qemu_plugin_u64 entry, unsigned int vcpu_index,
                         uint64_t added);
uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned int vcpu_index);
void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned int vcpu_index,
                         uint64_t val);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

/* --- Registers, memory, the program, the rest --- */

GArray* qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register* handle,
                              GByteArray* buf);
bool qemu_plugin_read_memory_vaddr(uint64_t addr, GByteArray* data, size_t len);

const char* qemu_plugin_path_to_binary(void);
uint64_t qemu_plugin_start_code(void);
uint64_t qemu_plugin_end_code(void);
uint64_t qemu_plugin_entry_code(void);
void qemu_plugin_outs(const char* string);
bool qemu_plugin_bool_parse(const char* name, const char* val, bool* ret);
const void* qemu_plugin_request_time_control(void);
void qemu_plugin_update_ns(const void* handle, int64_t time);

#ifdef __cplusplus
}
#endif

#endif /* FAULTLINE_PLUGIN_API_QEMU_ABI_H_ */
