// A reader-writer lock that lets writers through.
//
// std::shared_mutex is glibc's default kind of lock, which prefers readers: while the readers of a hot key overlap, and
// those of a few threads always do, a writer of that shard never gets in (seen: 36 s behind 16 readers on 2 cores).
// This one is the same lock of the other kind: once a writer waits, new readers queue behind it. Reading costs the
// same.
//
// REQUIRES: a thread that holds it, either way, does not lock it again, not even to read.
#ifndef TLR_CORE_SHARED_MUTEX_H_
#define TLR_CORE_SHARED_MUTEX_H_

#include <pthread.h>

namespace tlr::core {

// For std::unique_lock and std::shared_lock.
class SharedMutex {
 public:
  SharedMutex() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~SharedMutex() { pthread_rwlock_destroy(&lock_); }

  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  // None of these can fail where the class's requirement is kept.
  void lock() { pthread_rwlock_wrlock(&lock_); }
  void unlock() { pthread_rwlock_unlock(&lock_); }
  void lock_shared() { pthread_rwlock_rdlock(&lock_); }
  void unlock_shared() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

}  // namespace tlr::core

#endif  // TLR_CORE_SHARED_MUTEX_H_
