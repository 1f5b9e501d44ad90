/** Files that are made to be looked at, printed or passed on. */

/** Open a PDF; on H5 the browser's own viewer or download takes it. False: the phone cannot. */
export function openPdf(name: string, bytes: ArrayBuffer): Promise<boolean> {
  // #ifdef MP-WEIXIN
  const filePath = `${(uni as unknown as { env: { USER_DATA_PATH: string } }).env.USER_DATA_PATH}/${name}.pdf`
  return new Promise((done) => {
    uni.getFileSystemManager().writeFile({
      filePath,
      data: bytes,
      success: () =>
        uni.openDocument({
          filePath,
          showMenu: true,
          success: () => done(true),
          fail: () => done(false),
        }),
      fail: () => done(false),
    })
  })
  // #endif
  // #ifdef H5
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }))
  link.download = `${name}.pdf`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return Promise.resolve(true)
  // #endif
}
