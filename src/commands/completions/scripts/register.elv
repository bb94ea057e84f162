use str
set edit:completion:arg-completer[flagctl] = {|@words|
  try {
    env FLAGCTL_COMPLETE=SHELL FLAGCTL -- $@words 2>/dev/null | from-lines | each {|line|
      var value @about = (str:split "\t" $line)
      if (==s $value '') {
        nop
      } elif (== (count $about) 0) {
        edit:complex-candidate $value
      } else {
        edit:complex-candidate $value &display=$value'  '$about[0]
      }
    }
  } catch {
    nop
  }
}
