<html>
<body>
<?php if ($items): ?>
  <ul>
  <?php foreach ($items as $item): ?>
    <li><?= $item ?></li>
  <?php endforeach; ?>
  </ul>
<?php else: ?>
  none
<?php endif ?>
<?php
function render($x) {
    ?>
    <b><?= $x ?></b>
    <?php
}
?>
</body>
